/** Options of earlier versions, each with how it is written now. */

const renamed: readonly [RegExp, string][] = [
  [/\.readOnlyRootFilesystem$/, 'Write readonlyRootFilesystem, as ECS spells it.'],
  [
    /^services\.[^.]+\.healthCheck\.(path|healthyThreshold|unhealthyThreshold|gracePeriodSeconds)$/,
    "Write the load balancer's check as health: { … }. healthCheck is ECS's own check in the container.",
  ],
]

/** How an option of this path is written now; undefined where there never was one. */
export const renamedOption = (path: string): string | undefined =>
  renamed.find(([pattern]) => pattern.test(path))?.[1]
