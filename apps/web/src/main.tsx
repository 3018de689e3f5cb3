import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import './app.css'
import { AppRoutes } from './routes'
import { trackScrollbar } from './scrollbar'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
trackScrollbar()
createRoot(root).render(
  <StrictMode>
    <BrowserRouter>
      <AppRoutes />
    </BrowserRouter>
  </StrictMode>,
)
