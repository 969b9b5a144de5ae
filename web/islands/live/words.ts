import { dictionary } from "../../kit/language";

export const say = dictionary({
  play: ["播放实时画面", "Play live picture"],
  stop: ["停止", "Stop"],
  opening: ["正在连接流媒体服务器……", "Connecting to the media server …"],
  live: ["实时", "Live"],
  recorded: ["这是录像，不是实时画面", "A recording, not a live picture"],
  lost: ["画面中断：{why}。{seconds} 秒后重试。", "The picture is lost: {why}. Next try in {seconds} s."],
  failed: ["暂无画面：{why}。{seconds} 秒后重试。", "No picture: {why}. Next try in {seconds} s."],
  refused: ["不能播放：{why}。", "It does not play: {why}."],
  stands: ["画面已停止更新", "the picture stands still"],
  silent: ["流媒体服务器没有应答，或不允许本页面读取（CORS、证书）", "the media server does not answer, or does not let this page read (CORS, certificate)"],
  credentials: ["流媒体服务器要求凭据（{status}），请让其签发带令牌的地址", "the media server asks for credentials ({status}); let it issue an address with a token"],
  missing: ["流媒体服务器上没有这路流（404）", "the media server has no such stream (404)"],
  status: ["流媒体服务器应答 {status}", "the media server answers {status}"],
  ended: ["这路流已结束", "the stream has ended"],
  unplayable: ["浏览器不能解码这路视频（例如 H.265）", "the browser cannot decode this video, such as H.265"],
  notLive: ["该浏览器不能播放 HLS", "this browser cannot play HLS"],
});
