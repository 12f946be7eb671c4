// Who is signed in. The session itself is in cookies that scripts cannot read.
import { ApiError, get, logIn, onSignedOut, post } from './api.js';
import { forgetBooks } from './booklist.js';
import { forgetCopies, forgetEverything } from './offline.js';
import { createStore } from './store.js';

// user is undefined until the server has answered, and null if nobody is signed in. asking is true while the person must log
// in again to go on.
const { get: session, change, use: useSession } = createStore({ user: undefined, asking: false, error: null });
export { useSession };

// findSession asks the server who is signed in.
export async function findSession() {
  change({ error: null });
  try {
    const { data } = await get('/users/', {}, { quiet: true });
    change({ user: data });
  } catch (error) {
    if (error.status === 401 || error.status === 403) sessionEnded();
    else change({ error });
  }
}

// startSession logs in. If the browser does not keep the cookies, it says so.
export async function startSession(email, password) {
  await logIn(email, password);
  try {
    const { data } = await get('/users/', {}, { quiet: true });
    if (session().user && session().user._id !== data._id) { // the page shows another person's data
      await forgetCopies();
      location.reload();
      return;
    }
    change({ user: data });
  } catch (error) {
    if (error.status !== 401) throw error;
    throw new ApiError(401, { message: error.message, code: 'cookie_not_kept' });
  }
  answer(true);
}

export async function endSession() {
  await post('/auth/logout');
  sessionEnded();
  await forgetEverything();
}

// sessionEnded shows the log-in form, and deletes what the browser has of the person's library. Call it when the server has ended
// the session already.
export function sessionEnded() {
  forgetBooks();
  forgetCopies();
  change({ user: null });
}

// setUser replaces the account that is shown.
export const setUser = (user) => change({ user });

let answer = () => {};
let question = null;

// The person logs in again in a dialog, so that what they have typed in the page stays.
onSignedOut(() => {
  question ??= new Promise((resolve) => {
    answer = (yes) => {
      question = null;
      answer = () => {};
      change({ asking: false });
      resolve(yes);
    };
    change({ asking: true });
  });
  return question;
});

// giveUp closes the dialog without logging in.
export function giveUp() {
  sessionEnded();
  answer(false);
}
