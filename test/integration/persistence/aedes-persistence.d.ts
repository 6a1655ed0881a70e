// aedes-persistence 11 ships the tests of its interface without types: what they use of `node:test`, and of a store.
declare module 'aedes-persistence/abstract.js' {
  export interface TestContext {
    readonly assert: unknown
    plan(assertions: number): void
    diagnostic(text: string): void
  }
  const abstractTests: (options: {
    test(name: string, run: (context: TestContext) => Promise<void>): void
    persistence(): Promise<import('../../../src/domain/mqtt-store.ts').MqttStore>
    testAsync: true
  }) => void
  export default abstractTests
}
