// aedes-persistence 11 ships its promise-based class without reachable types; it has the shape of our own seam.
declare module 'aedes-persistence/asyncPersistence.js' {
  const MemoryPersistence: new () => import('../domain/mqtt-store.ts').MqttStore
  export default MemoryPersistence
}
