import type { Events } from '../../domain/events.ts'
import { originOf } from '../../domain/origin.ts'
import { userIdOf } from '../../domain/principal.ts'
import { isRefusal } from '../../domain/refusal.ts'
import type { Handler } from '../../domain/request.ts'
import type { OperationName } from '../../protocol/operations.ts'

/** Wraps a handler so that a refusal announces 'sign-in-refused', with the user name that was sent or else that of the session's account. */
export const announceRefusals =
  (events: Events) =>
  <N extends OperationName>(operation: N, handle: Handler<N>): Handler<N> =>
  async (request, context) => {
    const outcome = await handle(request, context)
    if (!isRefusal(outcome)) return outcome
    const sent = 'username' in request ? request.username : undefined
    const { principal } = context
    const own = userIdOf(principal) !== undefined && 'username' in principal ? principal.username : undefined
    const username = sent ?? own
    events.emit('sign-in-refused', {
      ...originOf(context),
      operation,
      code: outcome.refused,
      ...(username !== undefined && { username }),
    })
    return outcome
  }
