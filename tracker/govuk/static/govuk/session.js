// Warns before a session ends, and lets it go on. The page's body says after how many seconds without a page it ends,
// how long before that to warn, and where to ask for more time. Nothing is lost either way: a form sent too late asks
// to sign in and keeps what was typed.
function words (tag, text, className) {
  const element = document.createElement(tag)
  element.textContent = text
  element.className = className
  return element
}

export function watchSession (body) {
  const { sessionSeconds, sessionWarning, sessionStay } = body.dataset
  if (!sessionSeconds) return
  const dialog = document.createElement('dialog')
  const heading = words('h2', '', 'govuk-heading-m')
  const text = words('p', '', 'govuk-body')
  const button = words('button', 'Stay signed in', 'govuk-button')
  heading.id = 'session-end'
  button.type = 'button'
  dialog.setAttribute('aria-labelledby', heading.id)
  dialog.append(heading, text, button)
  body.append(dialog)
  let over = false
  let end

  function wait () {
    setTimeout(warn, (sessionSeconds - sessionWarning) * 1000)
  }

  function warn () {
    heading.textContent = `You will be signed out in ${sessionWarning / 60} minutes`
    text.textContent = 'You have not asked for anything for a while. What you typed on this page stays.'
    dialog.showModal()
    end = setTimeout(ended, sessionWarning * 1000)
  }

  function ended () {
    over = true
    heading.textContent = 'You are signed out'
    text.textContent = 'What you typed is still on this page. Save it as usual: you are asked to sign in, and it is kept.'
    button.textContent = 'Go back to the page'
  }

  async function goOn () {
    dialog.close()
    if (over) return
    clearTimeout(end)
    const token = document.querySelector('[name=csrfmiddlewaretoken]').value
    const answer = await fetch(sessionStay, { method: 'POST', headers: { 'X-CSRFToken': token } })
    if (answer.status === 204) wait()
  }

  button.addEventListener('click', goOn)
  dialog.addEventListener('cancel', goOn)
  wait()
}
