/** The folded state of a device as it is kept. */
export interface KeptState {
  /** The whole state as JSON; empty for none. */
  readonly state: string
  /** Under whom it was reported, see {@link DeviceStore.tenures}; missing in what an earlier version of the program retained. */
  readonly tenure?: string
}

/**
 * The folded states of devices: what is kept is what is retained on `devices/{id}/state`. It stands with MQTT's own state, so that a report is of
 * one transaction with everything else that its message leaves behind.
 */
export interface StateStore {
  /** What is kept, by device. Rejects with a fault of the store. */
  all(): Promise<ReadonlyMap<string, KeptState>>
  /** Keeps all of them, so that they survive a failure of the power too. Rejects with a fault of the store. */
  takeOver(states: ReadonlyMap<string, Required<KeptState>>): Promise<void>
}
