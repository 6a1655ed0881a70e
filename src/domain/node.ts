/** The name of a node that is alone. What an earlier process has left under its own name, a node takes up; what others have is theirs. */
export const onlyNode = 'single'
