import mqemitter from 'mqemitter'
import { sinkTopic } from './sink.ts'

/** Aedes' emitter, which never queues (`concurrency` bounds nothing that our streams do not) and passes over what was sunk. */
export function createEmitter() {
  const emitter = mqemitter({ concurrency: 0, matchEmptyLevels: true })
  const emit = emitter.emit.bind(emitter)
  emitter.emit = (message, done) => {
    if (message.topic !== sinkTopic) return emit(message, done)
    done?.()
    return emitter
  }
  return emitter
}
