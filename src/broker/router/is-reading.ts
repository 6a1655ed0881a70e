import type { Session } from '../sessions/session.ts'

/** Whether a session is connected, and may be sent a message on this topic now. */
export const isReading = (session: Session | undefined, topic: string): session is Session =>
  session?.ready === true && session.deliveryDecision(topic).allowed
