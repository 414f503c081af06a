/** Node.js's own image, which AWS mirrors: tasks on Fargate need something to run on. A mirror is named by a variable. */
export const nodeImage = process.env.BATON_NODE_IMAGE ?? 'public.ecr.aws/docker/library/node:24-slim'
