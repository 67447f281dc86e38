import { MemoryArtifactStore, openFileArtifactStore } from '@bitwright/adapters';
import { describeArtifactKeeper, describeArtifactStore, makeTemporaryFolder } from '@bitwright/testing';
import { afterAll, describe } from 'vitest';

describeArtifactStore('MemoryArtifactStore', () => new MemoryArtifactStore());

describeArtifactKeeper('MemoryArtifactStore', () => new MemoryArtifactStore());

describe('in a folder', async () => {
  const folder = await makeTemporaryFolder();
  afterAll(folder.remove);
  describeArtifactStore('the file artifact store', () => openFileArtifactStore({ folder: folder.path }));
  describeArtifactKeeper('the file artifact store', () => openFileArtifactStore({ folder: folder.path }));
});
