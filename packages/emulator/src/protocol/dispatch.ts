/**
 * Which service a request is for, and in which of its protocols. The credential scope of the signature names
 * the service; requests without one are recognized by `X-Amz-Target`, by the version and action of a Query form, or
 * by the host.
 */

import { AwsError } from '../aws-error.ts'
import type { SdkPackage, ServiceApi } from './api.ts'
import { cborProtocol, isCbor } from './cbor.ts'
import { jsonProtocol } from './json.ts'
import type { Protocol } from './protocol.ts'
import { form, queryProtocol } from './query.ts'
import type { WireRequest } from './request.ts'
import { restProtocol } from './rest.ts'
import { type ServiceModel, serviceModel } from './service-model.ts'
import { credentialScope } from './signature/scope.ts'

export interface Served {
  readonly api: ServiceApi
  readonly model: ServiceModel
}

export type Dispatched =
  | { readonly served: Served; readonly protocol: Protocol; readonly problem?: undefined }
  | { readonly served?: undefined; readonly protocol: Protocol; readonly problem: AwsError }

export function createDispatch(apis: readonly ServiceApi[]): (request: WireRequest) => Promise<Dispatched> {
  const services = apis.map(loaderOf)
  return async (request) => {
    const scope = credentialScope(request)?.service
    let service = await services.find(({ api }) => api.signingName === scope)?.load()
    if (service === undefined && scope === undefined) {
      try {
        service = await unsigned(services, request)
      } catch (error) {
        // The form that would say which service it is for cannot be read.
        if (error instanceof AwsError) return { protocol: strangerProtocol(request), problem: error }
        throw error
      }
    }
    if (service === undefined)
      return { protocol: strangerProtocol(request), problem: unknownService(request) }
    return { served: service, protocol: service.protocols(request) }
  }
}

type Service = Served & { readonly protocols: (request: WireRequest) => Protocol }

/** A service whose package is loaded already, or at the first call. */
interface Loader {
  readonly api: ServiceApi
  /** Undefined until the service is loaded. */
  model(): ServiceModel | undefined
  load(): Promise<Service>
}

function loaderOf(api: ServiceApi): Loader {
  const served = (sdk: SdkPackage): Service => {
    const model = serviceModel(sdk)
    return { api, model, protocols: protocolsOf(api, model) }
  }
  const { sdk } = api
  let service: Service | undefined = typeof sdk === 'function' ? undefined : served(sdk)
  let loading: Promise<Service> | undefined
  return {
    api,
    model: () => service?.model,
    async load() {
      if (service !== undefined || typeof sdk !== 'function') return service ?? served(sdk as SdkPackage)
      loading ??= sdk().then(served)
      service = await loading
      return service
    },
  }
}

/** The protocol that a request is written in: older clients speak Query to a service that has moved to JSON. */
function protocolsOf(api: ServiceApi, model: ServiceModel): (request: WireRequest) => Protocol {
  if (api.protocol === 'rest-xml' || api.protocol === 'rest-json') {
    const rest = restProtocol(model, api.protocol, api.signingName)
    return () => rest
  }
  const query = queryProtocol(model, api.protocol === 'ec2' ? 'ec2' : 'query')
  if (api.protocol === 'query' || api.protocol === 'ec2') return () => query
  const json = jsonProtocol(model, api.protocol === 'json-1.0' ? '1.0' : '1.1')
  const cbor = cborProtocol(model)
  return (request) => {
    if (isCbor(request)) return cbor
    return request.header('x-amz-target') === undefined && isForm(request) ? query : json
  }
}

const isForm = (request: WireRequest) =>
  request.query.has('Action') ||
  (request.header('content-type') ?? '').startsWith('application/x-www-form-urlencoded')

async function unsigned(services: readonly Loader[], request: WireRequest): Promise<Service | undefined> {
  const target = request.header('x-amz-target')
  if (target !== undefined) {
    const prefix = target.slice(0, target.lastIndexOf('.'))
    return services.find(({ model }) => prefix === model()?.target)?.load()
  }
  if (isForm(request)) {
    const parameters = await form(request)
    const version = parameters.get('Version')
    const action = parameters.get('Action') ?? ''
    const found = services.find(({ api, model }) => {
      const known = model()
      return known === undefined
        ? api.version === version
        : known.version === version && known.operations.has(action)
    })
    return found?.load()
  }
  const labels = request.host.split('.')
  const named = services.find(({ api }) => labels.includes(api.signingName))
  // Anonymous requests are for objects: nothing else of AWS with a REST protocol answers them.
  return (named ?? services.find(({ api }) => api.signingName === 's3'))?.load()
}

function unknownService(request: WireRequest): AwsError {
  const name = credentialScope(request)?.service ?? request.header('x-amz-target') ?? request.host
  return new AwsError('UnknownService', `This emulator does not have the service ${name}.`, 501)
}

const nothing: ServiceModel = {
  namespace: '',
  xmlNamespace: undefined,
  target: '',
  version: '',
  operations: new Map(),
  error: () => undefined,
}

/** An answer that the client of an unknown service can read. */
function strangerProtocol(request: WireRequest): Protocol {
  if (request.header('x-amz-target') !== undefined) return jsonProtocol(nothing, '1.1')
  if (isForm(request)) return queryProtocol(nothing)
  const json = (request.header('content-type') ?? '').startsWith('application/json')
  return restProtocol(nothing, json ? 'rest-json' : 'rest-xml', '')
}
