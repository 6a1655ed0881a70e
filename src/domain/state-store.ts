/** The folded state of a device as it is kept. */
export interface KeptState {
  /** The whole state as JSON; empty for none. */
  readonly state: string
  /** Under whom it was reported, see {@link DeviceStore.tenures}; missing in what an earlier version of the program retained. */
  readonly tenure?: string
}

/**
 * The folded states of devices: what is kept is what is retained on `devices/{id}/state`. It stands with MQTT's own state, so that a report is of
 * one transaction with everything else that its message leaves behind. Implemented by src/persistence.
 */
export interface StateStore {
  /** Devices of which something is kept. Throws with a fault of the store. */
  devices(): string[]
  /** What is kept of a device, what this turn has written included. Throws with a fault of the store. */
  of(deviceId: string): KeptState | undefined
  /** Replaces the state of a device, within the call; an empty one is removed. Resolves when that is kept, rejects when it was undone. */
  put(deviceId: string, tenure: string, state: string): Promise<void>
  /** Puts all of them in one transaction, which survives a failure of the power too. Throws with a fault of the store. */
  takeOver(states: ReadonlyMap<string, Required<KeptState>>): void
}
