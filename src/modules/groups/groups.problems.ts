import type { Problems } from '../../shared/problems/problem-codes.js';

export const GROUPS_PROBLEMS = {
  'not-restorable': [409, 'The group was deleted too long ago to be restored'],
  'file-is-a-link': [409, 'This file is a link: its content is at its address'],
  'file-has-content': [409, 'The content of this file is stored here: only its name can be edited'],
  'no-preview': [409, 'Files of this type are not shown: download it'],
  'file-too-large': [413, 'The file is larger than this installation allows'],
  'file-quota-exceeded': [413, 'The organisation has no room left for this file'],
  'file-refused': [422, 'The file was examined and refused'],
} as const satisfies Problems;
