export declare function nodeProblem(version: string): string | undefined
/** `nodeApi` is `process.versions.napi`. */
export declare function mustCompile(nodeApi: string): boolean
export declare function installReason(times: {
  lockedAtMs: number | undefined
  installedAtMs: number | undefined
}): string | undefined
export declare function buildReason(
  folder: string,
  times: { sourcesAtMs: number | undefined; builtAtMs: number | undefined },
): string | undefined
export declare function phoneReason(root: string): string | undefined
export declare function consoleReason(root: string): string | undefined
export declare function modifiedAtMs(path: string): number | undefined
