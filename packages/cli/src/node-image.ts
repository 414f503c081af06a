/** Node.js's own image, which AWS mirrors: tasks on Fargate need something to run on. */
export const nodeImage = 'public.ecr.aws/docker/library/node:24-slim'
