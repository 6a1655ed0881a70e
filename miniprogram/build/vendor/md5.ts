// The entry of vendor/md5.js.
import { md5 as hash } from 'js-md5'
import type * as contract from '../../app/vendor/md5.d.ts'

export const md5: typeof contract.md5 = text => hash(text)
