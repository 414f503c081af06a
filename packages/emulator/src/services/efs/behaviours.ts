/** What AWS documents of Elastic File System, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/efs/latest/ug'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'serves its files over NFS',
      page: `${guide}/mounting-fs.html`,
      why: 'A file system is a directory of this machine, and tasks use the directory itself.',
    },
    {
      behaviour: 'has the throughput of its mode',
      page: `${guide}/performance.html`,
      why: 'The throughput is that of the disk.',
    },
  ],
  missing: [
    {
      behaviour: 'enforces the POSIX user and the permissions of an access point',
      page: `${guide}/efs-access-points.html`,
      why: 'Tasks run as the emulator’s user.',
    },
    {
      behaviour: 'lets its policy and its security groups decide who mounts it',
      page: `${guide}/iam-access-control-nfs-efs.html`,
      why: 'Policies are stored and not evaluated.',
    },
    {
      behaviour: 'moves files to other storage classes, and backs them up',
      page: `${guide}/lifecycle-management-efs.html`,
      why: 'Life-cycle and backup policies are stored without effect.',
    },
  ],
}
