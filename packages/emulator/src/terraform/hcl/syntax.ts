/**
 * The syntax tree of Terraform's expressions, as plain data.
 * https://developer.hashicorp.com/terraform/language/syntax/configuration
 */
export type Node =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string }
  | { readonly kind: 'template'; readonly parts: readonly Node[] }
  | { readonly kind: 'tuple'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly items: readonly { readonly key: Node; readonly value: Node }[] }
  | ForNode
  | ReferenceNode
  /** A name that a surrounding `for` binds. */
  | { readonly kind: 'bound'; readonly name: string }
  | { readonly kind: 'attribute'; readonly of: Node; readonly name: string }
  | { readonly kind: 'index'; readonly of: Node; readonly key: Node }
  /** `each` is applied to every element, which it calls by the name `SPLAT`. */
  | { readonly kind: 'splat'; readonly of: Node; readonly each: Node }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | {
      readonly kind: 'conditional'
      readonly condition: Node
      readonly whenTrue: Node
      readonly whenFalse: Node
    }
  | {
      readonly kind: 'call'
      readonly name: string
      readonly args: readonly Node[]
      readonly expandLast: boolean
    }
  | {
      readonly kind: 'templateIf'
      readonly condition: Node
      readonly whenTrue: Node
      readonly whenFalse: Node | undefined
    }
  | TemplateForNode

export interface ForNode {
  readonly kind: 'for'
  readonly keyName: string | undefined
  readonly valueName: string
  readonly collection: Node
  /** Absent for a tuple. */
  readonly key: Node | undefined
  readonly value: Node
  readonly condition: Node | undefined
  /** `...` after the value: values of equal keys are gathered. */
  readonly grouping: boolean
}

export interface TemplateForNode {
  readonly kind: 'templateFor'
  readonly keyName: string | undefined
  readonly valueName: string
  readonly collection: Node
  readonly body: Node
}

/** Something that is declared elsewhere; attributes and indexes of it are nodes around this one. */
export interface ReferenceNode {
  readonly kind: 'reference'
  /** `var`, `local`, `each`, `count`, `path`, `terraform`, `self`, `data`, `ephemeral`, `module`, or a resource's type. */
  readonly root: string
  /** `aws_vpc.main`, `data.aws_region.current`, `var.size`, `each.key`, `self`. */
  readonly address: string
}

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '+' | '-' | '*' | '/' | '%'

/** The name by which the inner part of a splat calls the element. */
export const SPLAT = '*'
