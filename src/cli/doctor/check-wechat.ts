import { type Finding, ok, type Patient, problem, type WechatAnswer, warning } from './finding.ts'

const check = 'WeChat'

/** Asks WeChat's server with an invalid code; its answer tells whether it knows the AppID and the secret. */
export async function checkWechat({
  config: { wechat, environment },
  probes,
}: Patient): Promise<{ finding: Finding; answer?: WechatAnswer }> {
  const { base, appid, secret } = wechat
  if (!appid || !secret) return { finding: withoutSettings(environment) }
  const answer = await probes.askWechat({ base, appid, secret })
  return { finding: verdictOn(answer, base), answer }
}

const withoutSettings = (environment: string): Finding =>
  environment === 'production'
    ? problem(check, 'no settings', 'set WECHAT_APPID and WECHAT_SECRET')
    : ok(check, 'no settings: a stand-in is used')

function verdictOn(answer: WechatAnswer, base: string): Finding {
  if ('unreachable' in answer)
    return problem(
      check,
      `${base} cannot be reached: ${answer.unreachable}`,
      'let this machine reach it: firewall, proxy, DNS',
    )
  switch (answer.errcode) {
    case 40029: // invalid code: the rest is right
      return ok(check, `${base} answers, and knows the AppID and its secret`)
    case 40013:
    case 41002:
      return problem(
        check,
        `WeChat does not know the AppID (${answer.errcode})`,
        "set WECHAT_APPID to the mini-program's",
      )
    case 40125:
    case 41004:
      return problem(
        check,
        `WeChat does not accept the secret (${answer.errcode})`,
        "set WECHAT_SECRET to the mini-program's AppSecret; WeChat shows a new one once",
      )
    case -1:
    case 45011:
      return warning(check, `WeChat is busy (${answer.errcode})`, 'try again in a minute')
    default:
      return warning(
        check,
        `WeChat answered with errcode ${answer.errcode}`,
        "look the code up in WeChat's documentation",
      )
  }
}
