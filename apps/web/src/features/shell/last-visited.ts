/** The product and the dashboard that were open last, so that the start page opens them again. A hint: both may be gone. */
const PRODUCT_KEY = 'trackable.product'
const DASHBOARD_KEY = 'trackable.dashboard'

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null // storage is blocked: the first product opens
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // storage is blocked: the first product opens next time
  }
}

export const lastVisited = {
  product: () => read(PRODUCT_KEY),
  setProduct: (productId: string) => write(PRODUCT_KEY, productId),
  dashboard: (productId: string) => read(`${DASHBOARD_KEY}.${productId}`),
  setDashboard: (productId: string, dashboardId: string) => write(`${DASHBOARD_KEY}.${productId}`, dashboardId),
}
