/** The key of a content in the file storage. */
export function contentKey(fileId: string, contentId: string): string {
  return `${fileId}/${contentId}`;
}
