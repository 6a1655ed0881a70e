/** The name of the only node. A node takes up what an earlier process has left under the same name, and leaves alone what belongs to other names. */
export const onlyNode = 'single'
