/** How long a block of `history_block` is; block 0 begins at 1970. Stored data depends on it: another length is another migration. */
export const blockMs = 5 * 60_000
