/** The folded state of a device as it is kept. */
export interface KeptState {
  /** The whole state as JSON; empty for none. */
  readonly state: string
  /** The tenure under which it was reported, see {@link DeviceStore.tenures}; missing in what an earlier version of the program retained. */
  readonly tenure?: string
}

/**
 * The folded states of devices: the retained messages on `devices/{id}/state`. They are kept with MQTT's own state, so that a report is in one transaction
 * with everything else that its message leaves behind.
 */
export interface StateStore {
  /** The kept states, by device. Rejects with a fault of the store. */
  all(): Promise<ReadonlyMap<string, KeptState>>
  /** Keeps all of them, so that they survive a power failure too. Rejects with a fault of the store. */
  takeOver(states: ReadonlyMap<string, Required<KeptState>>): Promise<void>
}
