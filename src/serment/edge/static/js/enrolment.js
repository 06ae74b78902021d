// The code of a link comes behind "#": no server sees it. It moves into its field and leaves the address.
const given = new URLSearchParams(location.hash.slice(1));
for (const name of ["login", "code"]) {
  const field = document.getElementById(name);
  if (field && given.has(name)) field.value = given.get(name);
}
if (given.has("code")) history.replaceState(null, "", location.pathname);
