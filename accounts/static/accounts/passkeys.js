// Passkeys: asks the browser for one when a form with data-passkey is sent, and sends what it answers.
// "login" fetches its question, "get" and "create" have it in the page. Without passkeys such forms stay hidden.
const { webauthnJSON } = window

async function question (form) {
  if (form.dataset.passkey === 'login') {
    const answer = await fetch(form.action, { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error('The question of the passkey did not come.')
    return answer.json()
  }
  return JSON.parse(document.getElementById('passkey-question').textContent)
}

async function answer (form) {
  const asked = await question(form)
  if (form.dataset.passkey !== 'create') return webauthnJSON.get(asked.request_options)
  const options = asked.creation_options
  Object.assign(options.publicKey.authenticatorSelection, {
    residentKey: 'required', requireResidentKey: true, userVerification: 'required'
  })
  return webauthnJSON.create(options)
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!webauthnJSON.supported()) continue
  form.hidden = false
  const problem = document.querySelector('[data-passkey-error]')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    problem.hidden = true
    try {
      form.elements.credential.value = JSON.stringify(await answer(form))
      form.submit()
    } catch {
      problem.hidden = false
    }
  })
}
