/**
 * What a target gets: the event, a constant (`input`), a part of the event (`input_path`), or a template.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */

export interface TargetInput {
  readonly input?: string | undefined
  readonly inputPath?: string | undefined
  readonly transformer?:
    | { readonly paths: Readonly<Record<string, string>>; readonly template: string }
    | undefined
}

export function targetMessage(event: Readonly<Record<string, unknown>>, target: TargetInput): string {
  if (target.input !== undefined) return target.input
  if (target.inputPath !== undefined) return JSON.stringify(at(event, target.inputPath) ?? null)
  if (target.transformer === undefined) return JSON.stringify(event)
  const { paths, template } = target.transformer
  return template.replace(/<([\w.-]+)>/g, (variable, name: string) => {
    if (name === 'aws.events.event.json') return JSON.stringify(event)
    const path = paths[name]
    if (path === undefined) return variable
    const value = at(event, path)
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
  })
}

/** `$.detail.state`, `$.resources[0]`. */
function at(event: unknown, path: string): unknown {
  const steps = path.replace(/^\$\.?/, '').match(/[^.[\]]+/g) ?? []
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    event,
  )
}
