// aedes-persistence 11 ships its promise-based class without reachable types; it is the interface of our own seam.
declare module 'aedes-persistence/asyncPersistence.js' {
  import type { MqttStore } from '../domain/mqtt-store.ts'

  const MemoryPersistence: new () => MqttStore
  export default MemoryPersistence
}
