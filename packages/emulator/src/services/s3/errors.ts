/** Errors of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
import { AwsError } from '../../aws-error.ts'

export const noSuchBucket = (bucket: string) =>
  new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket })

export const noSuchKey = (key: string) =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key })

export const noSuchVersion = (key: string, versionId: string) =>
  new AwsError('NoSuchVersion', 'The specified version does not exist.', 404, {
    Key: key,
    VersionId: versionId,
  })

/** HEAD answers have no body, so they carry only this: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export const notFound = () => new AwsError('NotFound', 'Not Found', 404)

export const notModified = () => new AwsError('NotModified', 'Not Modified', 304)

export const bucketAlreadyOwnedByYou = (bucket: string) =>
  new AwsError(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    409,
    { BucketName: bucket },
  )

export const bucketNotEmpty = (bucket: string) =>
  new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, { BucketName: bucket })

export const invalidBucketName = (bucket: string) =>
  new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: bucket })

export const preconditionFailed = (condition: string) =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  })

export const invalidRange = (requested: string, size: number) =>
  new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: requested,
    ActualObjectSize: size,
  })

export const noSuchUpload = (uploadId: string) =>
  new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: uploadId },
  )

export const invalidPart = () =>
  new AwsError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
  )

export const invalidPartOrder = () =>
  new AwsError(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    400,
  )

export const entityTooSmall = () =>
  new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400)

export const invalidArgument = (message: string) => new AwsError('InvalidArgument', message, 400)

export const noSuchBucketPolicy = (bucket: string) =>
  new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: bucket })

export const accessDenied = () => new AwsError('AccessDenied', 'Access Denied', 403)

export const malformedPolicy = (message: string) => new AwsError('MalformedPolicy', message, 400)

/** What was asked for and is not rehearsed. */
export const notImplemented = (what: string) =>
  new AwsError('NotImplemented', `The emulator's S3 has no ${what}.`, 501)

export const malformedXml = () =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  )

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const maxKeyBytes = 1_024

export const keyTooLong = (size: number) =>
  new AwsError('KeyTooLongError', 'Your key is too long', 400, { Size: size, MaxSizeAllowed: maxKeyBytes })

export const illegalVersioning = () =>
  new AwsError('IllegalVersioningConfigurationException', 'The Versioning element must be specified', 400)
