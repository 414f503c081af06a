/** Rehearses releases of a platform under load, and says whether a request was lost. */

export { type ContractOptions, type ContractReport, checkService } from './contract/check-service.ts'
export { renderContract } from './contract/text.ts'
export { type RehearsalOptions, rehearse } from './rehearse.ts'
export { reportFormats } from './report/formats.ts'
export type { DeploymentReport, Finding, Phase, Report } from './report/report.ts'
export {
  openRehearsalEnvironment,
  type RehearsalEnvironment,
  type RehearsalEnvironmentOptions,
} from './run/environment.ts'
export { type MistakeName, mistakes } from './scenario/mistakes.ts'
export { type Paint, plain, renderReport } from './text.ts'
export type { Audience, Traffic } from './traffic/traffic.ts'
