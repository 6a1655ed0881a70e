/** The names that WeChat gives to every module. */
export const givenNames = [
  'require',
  'module',
  'exports',
  'wx',
  'App',
  'Page',
  'Component',
  'Behavior',
  'getApp',
  'getCurrentPages',
] as const

/** Globals of a browser that WeChat's JavaScript does not have: modules get undefined in their place, so that what works here works there. */
export const hiddenNames = [
  ...['window', 'document', 'self', 'frames', 'parent', 'top', 'location', 'navigator', 'history', 'screen'],
  ...['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'alert', 'confirm', 'prompt'],
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'Worker', 'Blob', 'File', 'FileReader', 'FormData'],
  ...['URL', 'URLSearchParams', 'TextDecoder', 'TextEncoder', 'AbortController', 'AbortSignal'],
  ...['Event', 'EventTarget', 'CustomEvent', 'Response', 'Request', 'Headers', 'performance', 'crypto'],
  ...['queueMicrotask', 'structuredClone', 'requestAnimationFrame', 'requestIdleCallback', 'setImmediate'],
  ...['process', 'Buffer', 'globalThis', 'global', 'btoa', 'atob', 'BroadcastChannel', 'MessageChannel'],
  ...['importScripts', 'getComputedStyle', 'matchMedia', 'Image', 'Element', 'HTMLElement', 'Node'],
] as const
