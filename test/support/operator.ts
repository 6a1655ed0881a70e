import { connectWithToken, type TestClient } from './mqtt-client.ts'
import type { RunningApp } from './start-app.ts'
import { operatorToken } from './story.ts'

/** An operator, connected and subscribed to their replies. */
export const connectOperator = async (running: RunningApp, username = 'root'): Promise<TestClient> =>
  connectWithToken(running.wsUrl, await operatorToken(running, username))
