import { onSession, onTokenWanted, signOut } from './server.js';

const byId = (id) => document.getElementById(id);

/** Sign-in and sign-out at the page. `onSignedIn` is told each time that somebody has signed in. */
export const startSession = ({ onSignedIn }) => {
  onTokenWanted(
    (problem) =>
      new Promise((resolve) => {
        const dialog = byId('token-dialog');
        // What was shown is not for whoever comes now. It stays: so does what somebody was about to write.
        document.body.dataset.session = 'none';
        byId('token-problem').hidden = problem === undefined;
        byId('token-problem').textContent = problem ?? '';
        dialog.oncancel = (event) => event.preventDefault();
        byId('token-form').onsubmit = () => {
          resolve(byId('token').value);
          byId('token').value = '';
        };
        if (!dialog.open) dialog.showModal();
      }),
  );
  onSession(({ csrfToken }, { isNew }) => {
    document.body.dataset.session = csrfToken === undefined ? 'open' : 'signed-in';
    byId('sign-out').hidden = csrfToken === undefined;
    if (isNew) onSignedIn();
  });
  byId('sign-out').addEventListener('click', () => byId('sign-out-dialog').showModal());
  byId('sign-out-form').onsubmit = async ({ submitter }) => {
    if (submitter.value === 'stay') return;
    await signOut({ everywhere: submitter.value === 'everywhere' });
    // Nothing of what was shown stays.
    location.reload();
  };
};
