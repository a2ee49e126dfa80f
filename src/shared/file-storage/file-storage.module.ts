import { Global, Module, type DynamicModule } from '@nestjs/common';
import { FileScanner, NoFileScanner } from './file-scanner.js';
import { FileStorage } from './file-storage.js';
import { FolderStorage } from './folder-storage.js';
import { NoFileStorage } from './no-file-storage.js';

export interface FileStorageOptions {
  /** Null: the installation stores no files. */
  filesDir: string | null;
  /** Absent: nothing looks at uploaded files. */
  fileScanner?: FileScanner | undefined;
}

/** Makes the storage that the settings name. */
export function fileStorageIn(filesDir: string | null): FileStorage {
  return filesDir === null ? new NoFileStorage() : new FolderStorage(filesDir);
}

@Global()
@Module({ exports: [FileStorage, FileScanner] })
export class FileStorageModule {
  static with({ filesDir, fileScanner = new NoFileScanner() }: FileStorageOptions): DynamicModule {
    return {
      module: FileStorageModule,
      providers: [
        { provide: FileStorage, useValue: fileStorageIn(filesDir) },
        { provide: FileScanner, useValue: fileScanner },
      ],
    };
  }
}
