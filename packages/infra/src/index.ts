/** `@baton/infra`: from a platform's description to Terraform, through CDK Terrain. */
export { type StackName, type SynthesizedStack, synth } from './synth.ts'
