import type { Page } from '../route.ts'

const paths: Readonly<Record<Page, string>> = {
  overview: 'M4 19V9m5 10V5m5 14v-7m5 7V8',
  logs: 'M4 6h16M4 12h10M4 18h13',
  sessions: 'M5 12h4m6 0h4M9 8h6v8H9z',
  users: 'M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-7 9c.6-3.6 3.3-5.5 7-5.5s6.4 1.9 7 5.5',
  devices: 'M9 18h6m-5 3h4M12 3a6 6 0 0 0-3.6 10.8c.5.4.6 1 .6 1.7h6c0-.7.1-1.3.6-1.7A6 6 0 0 0 12 3Z',
  trace: 'M4 12h4l3-7 4 14 2.5-7H21',
  audit: 'M7 3h7l4 4v14H7zM10 11h5m-5 4h5',
  explain: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-2.3-11.2a2.4 2.4 0 1 1 3.4 2.2c-.8.4-1.1.9-1.1 1.8M12 16.6v.1',
}

/** The icon of a page, in the colour of its text. */
export const Icon = ({ page }: { readonly page: Page }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={paths[page]} />
  </svg>
)
