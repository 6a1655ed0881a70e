import type { Message } from '../../domain/message.ts'
import type { Outcome } from '../../domain/mqtt-state/write.ts'
import { isState } from '../rights/seen.ts'
import type { CarryMessage } from './carry-message.ts'

/** Publishes a will whose connection is gone. Resolves when it is kept and sent to the connected readers. */
export const createPublishWill =
  (carry: CarryMessage) =>
  (message: Message, owner?: string): Promise<Pick<Outcome, 'refused'>> =>
    new Promise((resolve, reject) => {
      const isReport = isState(message.topic)
      carry.kept(
        { message: { ...message, retain: message.retain && !isReport }, owner, isState: isReport },
        { kept: () => resolve({}), refused: () => resolve({ refused: 'no-room' }), undone: reject },
      )
    })
