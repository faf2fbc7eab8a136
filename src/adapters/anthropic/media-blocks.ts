import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { mediaName, pictureLabel, type Shown } from '../../ports/adapter-kit/shown-media.ts';

/**
 * Media as blocks of a message of a person's (https://platform.claude.com/docs/en/build-with-claude/vision and
 * …/pdf-support). A picture has no place for its name: that stands before it.
 */
export const mediaBlocks = (media: Shown): readonly ContentBlockParam[] => {
  switch (media.kind) {
    case 'picture':
      return [
        { type: 'text', text: pictureLabel(media) },
        { type: 'image', source: { type: 'base64', media_type: media.type, data: media.base64 } },
      ];
    case 'pdf':
      return [{ type: 'document', title: mediaName(media), source: { type: 'base64', media_type: 'application/pdf', data: media.base64 } }];
    case 'text':
      return [{ type: 'document', title: mediaName(media), source: { type: 'text', media_type: 'text/plain', data: media.text } }];
    case 'words':
      return [{ type: 'text', text: media.text }];
  }
};
