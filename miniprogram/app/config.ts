/** Where the broker is. The build replaces it (`npm run build:miniprogram -- --server wss://…/mqtt`), the preview by the page's own host. */
export const serverUrl = 'wss://mqtt.example.com/mqtt'
