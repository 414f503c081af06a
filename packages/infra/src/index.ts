/** `@baton/infra`: from a platform's description to Terraform, through CDK Terrain. */
export {
  type CheckResult,
  checkRules,
  checkStacks,
  type Finding,
  renderCheck,
  type Severity,
} from './check/index.ts'
export { type Extension, findResource, type Stacks } from './extension.ts'
export { lowerProtections } from './protections.ts'
export { serviceSecretAddress } from './service/service-secrets.ts'
export { type StackName, type SynthesizedStack, synth } from './synth.ts'
export { BatonStack } from './terraform/stack.ts'
