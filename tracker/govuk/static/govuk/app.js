// Menu, character count, error summary focus, Show password and the warning before a session ends. Every page works with this file blocked.
import { initAll } from './govuk-frontend.min.js'
import { watchSession } from './session.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
watchSession(document.body)
