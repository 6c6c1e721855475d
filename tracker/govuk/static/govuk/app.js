// Menu, character count, error summary focus and Show password. Every page works with this file blocked.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
