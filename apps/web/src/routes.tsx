import { lazy, Suspense } from 'react'
import { Outlet, Route, Routes } from 'react-router'
import { PageLoading } from './features/shell/page-loading'
import { RouteBoundary } from './features/shell/route-boundary'
import { patterns } from './paths'

// Each page is a file of its own on the wire: signing in loads no chart, and a dashboard no form of the settings.
const LoginPage = lazy(() => import('./features/auth/login-page'))
const RegisterPage = lazy(() => import('./features/auth/register-page'))
const SignedIn = lazy(() => import('./features/shell/signed-in'))
const HomePage = lazy(() => import('./features/product/home-page'))
const NewProductPage = lazy(() => import('./features/product/new-product-page'))
const StartPage = lazy(() => import('./features/product/start-page'))
const Shell = lazy(() => import('./features/shell/shell'))
const ProductGate = lazy(() => import('./features/shell/product-gate'))
const ProductHomePage = lazy(() => import('./features/product/product-home-page'))
const DashboardPage = lazy(() => import('./features/dashboard/dashboard-page'))
const ReportsPage = lazy(() => import('./features/report/reports-page'))
const MetricsPage = lazy(() => import('./features/metric/metrics-page'))
const MetricPage = lazy(() => import('./features/metric/metric-page'))
const RejectedPage = lazy(() => import('./features/ingest/rejected-page'))
const ImportsPage = lazy(() => import('./features/ingest/imports-page'))
const ImportPage = lazy(() => import('./features/ingest/import-page'))
const SettingsLayout = lazy(() => import('./features/product/settings-layout'))
const ProductSettingsPage = lazy(() => import('./features/product/product-settings-page'))
const KeysPage = lazy(() => import('./features/product/keys-page'))
const ProfilePage = lazy(() => import('./features/auth/profile-page'))
const NotFoundPage = lazy(() => import('./features/shell/not-found-page'))

/** The whole route tree. */
export function AppRoutes() {
  return (
    <Routes>
      <Route element={<Page />}>
        <Route path={patterns.login} element={<LoginPage />} />
        <Route path={patterns.register} element={<RegisterPage />} />
        <Route path={patterns.setup} element={<RegisterPage />} />
        <Route element={<SignedIn />}>
          <Route path={patterns.home} element={<HomePage />} />
          <Route path={patterns.newProduct} element={<NewProductPage />} />
          <Route element={<ProductGate />}>
            <Route path={patterns.start} element={<StartPage />} />
            <Route element={<Shell />}>
              <Route element={<Page />}>
                <Route path={patterns.product} element={<ProductHomePage />} />
                <Route path={patterns.dashboard} element={<DashboardPage />} />
                <Route path={patterns.metrics} element={<MetricsPage />} />
                <Route path={patterns.metric} element={<MetricPage />} />
                <Route path={patterns.rejected} element={<RejectedPage />} />
                <Route path={patterns.imports} element={<ImportsPage />} />
                <Route path={patterns.import} element={<ImportPage />} />
                <Route path={patterns.reports} element={<ReportsPage />} />
                <Route path={patterns.report} element={<ReportsPage />} />
                <Route element={<SettingsLayout />}>
                  <Route path={patterns.settings} element={<ProductSettingsPage />} />
                  <Route path={patterns.keys} element={<KeysPage />} />
                  <Route path={patterns.profile} element={<ProfilePage />} />
                </Route>
              </Route>
            </Route>
          </Route>
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  )
}

/** A page that fails takes down itself only: the rail around it stays. */
function Page() {
  return (
    <RouteBoundary>
      <Suspense fallback={<PageLoading />}>
        <Outlet />
      </Suspense>
    </RouteBoundary>
  )
}
