// One minute before the session ends for want of requests, the page says so.
const NOTICE_SECONDS = 60;

export function watchIdleness() {
  const limit = Number(document.body.dataset.idleSeconds ?? 0);
  const notice = document.getElementById("idle-notice");
  if (!limit || !notice) return;
  let warned = 0;
  let ended = 0;

  const begin = () => {
    clearTimeout(warned);
    clearTimeout(ended);
    warned = setTimeout(() => notice.showModal(), Math.max(limit - NOTICE_SECONDS, 1) * 1000);
    ended = setTimeout(() => location.assign("/"), (limit + 1) * 1000);
  };

  const stay = async () => {
    notice.close();
    await fetch("/", { method: "HEAD", redirect: "manual" }).catch(() => {});
    begin();
  };

  // Bytes on their way and images looked at are requests too: whoever sends them says so.
  document.addEventListener("serment:activity", begin);
  notice.querySelector("[data-stay]").addEventListener("click", stay);
  begin();
}
