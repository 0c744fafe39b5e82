"""What one message costs before it meets a socket: fill, tokens, MIME, DKIM, transparency.

    python -m bench.message [--messages N] [--rounds N] [--ed25519] [--json]

Prints the median over the rounds of the CPU microseconds per message of each stage. The content is
a newsletter of about 7.5 KB of HTML and 1.4 KB of text with 8 merge fields, 6 tracked links, a
pixel and RSA-2048.
"""

import argparse
import datetime as dt
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mailer.engine import dkim
from mailer.engine.content import ContentSource, Filled, Filler, LinkUrls, compile_content, load
from mailer.engine.mime import MessageParts, build_message
from mailer.engine.smtp import transparent
from mailer.engine.tokens import Token, TokenCodec, TokenKind, derive_key

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
FIELDS = ("姓", "名", "会社", "部署", "会員番号", "ポイント", "期限", "担当")
PARAGRAPH = (
    '<tr><td style="padding:0 24px 16px;font-size:16px;line-height:1.7;color:#333333;'
    "font-family:'Hiragino Sans',Meiryo,sans-serif\">"
    "秋の新商品をお届けします。定番の焼き菓子に季節の栗と林檎を合わせました。"
    "数量限定のため、どうぞお早めにお求めください。</td></tr>\n"
)


def newsletter() -> ContentSource:
    """Return the content as a marketer would have it, whole lines of it repeated to its size."""
    fields = "".join(f"<p>{name}: {{{{ {name}|default('―') }}}}</p>\n" for name in FIELDS)
    links = "".join(
        f'<p><a href="https://shop.example.jp/item/{n}?from=mail">商品{n}を見る</a></p>\n'
        for n in range(6)
    )
    html = (
        '<!DOCTYPE html><html lang="ja"><body style="margin:0"><table role="presentation">\n'
        + "{% if 姓 %}<p>{{ 姓 }} {{ 名 }} 様</p>{% else %}<p>お客様</p>{% endif %}\n"
        + fields
        + PARAGRAPH * 21
        + links
        + '</table><p><a href="{{ unsubscribe_url }}">配信停止</a></p></body></html>'
    )
    text = (
        "{{ 姓|default('お客様') }} 様\n"
        + "秋の新商品をお届けします。\n" * 33
        + "https://shop.example.jp/item/0?from=mail\n{{ unsubscribe_url }}\n"
    )
    return ContentSource(
        "{{ 姓|default('お客様') }}様へ 秋の新商品のお知らせ", html, text, fields=frozenset(FIELDS)
    )


@dataclass
class Workbench:
    """Everything a slot prepares once per mailing."""

    filler: Filler
    codec: TokenCodec
    keys: list[dkim.SigningKey]

    def urls(self, delivery_id: int) -> LinkUrls:
        encode = self.codec.encode

        def click(index: int) -> str:
            token = encode(Token(TokenKind.CLICK, 40_000, delivery_id, index))
            return f"https://t.example.jp/c/{token}"

        unsubscribe = encode(Token(TokenKind.UNSUBSCRIBE, 40_000, delivery_id))
        pixel = encode(Token(TokenKind.OPEN, 40_000, delivery_id))
        return LinkUrls(
            click=click,
            unsubscribe=f"https://t.example.jp/u/{unsubscribe}",
            open_pixel=f"https://t.example.jp/o/{pixel}",
        )

    def fill(self, delivery_id: int) -> Filled:
        values = dict.fromkeys(FIELDS, f"値{delivery_id}")
        return self.filler.fill(values, self.urls(delivery_id))

    def build(self, delivery_id: int, filled: Filled) -> bytes:
        token = self.codec.encode(Token(TokenKind.HEADER, 40_000, delivery_id))
        return build_message(
            MessageParts(
                from_name="とどく商店",
                from_address="news@example.jp",
                reply_to="help@example.jp",
                to_name=f"山田 太郎{delivery_id}",
                to_address=f"taro{delivery_id}@example.com",
                subject=filled.subject,
                date=NOW,
                message_id=f"{token}@example.jp",
                text=filled.text,
                html=filled.html,
                list_unsubscribe_https=f"https://t.example.jp/u/{token}",
                list_unsubscribe_mailto=f"mailto:u-{delivery_id}@bounce.example.jp",
                list_id="news.example.jp",
                feedback_id="40000:1:campaign:todoku",
                token=token,
            )
        )


def workbench(*, with_ed25519: bool) -> Workbench:
    rsa, _ = dkim.generate_rsa()
    keys = [dkim.SigningKey.load_rsa("example.jp", "s1", rsa)]
    if with_ed25519:
        ed25519, _ = dkim.generate_ed25519()
        keys.append(dkim.SigningKey.load_ed25519("example.jp", "e1", ed25519))
    codec = TokenCodec({1: derive_key("bench", "tokens")}, current=1)
    return Workbench(load(compile_content(newsletter()).to_json()), codec, keys)


def microseconds(work: Callable[[int], object], messages: int) -> float:
    started = time.process_time()
    for number in range(messages):
        work(number)
    return (time.process_time() - started) / messages * 1_000_000


def measure(bench: Workbench, messages: int, rounds: int) -> dict[str, Any]:
    filled = bench.fill(7)
    unsigned = bench.build(7, filled)
    signed = dkim.sign(unsigned, bench.keys, 1_790_000_000)
    body = unsigned.partition(b"\r\n\r\n")[2]
    stages: dict[str, Callable[[int], object]] = {
        "fill_us": bench.fill,
        "mime_us": lambda number: bench.build(number, filled),
        "canonical_body_us": lambda _: dkim.relaxed_body(body),
        "dkim_us": lambda _: dkim.sign(unsigned, bench.keys, 1_790_000_000),
        "transparent_us": lambda _: transparent(signed),
        "all_us": lambda number: transparent(
            dkim.sign(bench.build(number, bench.fill(number)), bench.keys, 1_790_000_000)
        ),
    }
    samples = {
        name: [microseconds(work, messages) for _ in range(rounds)] for name, work in stages.items()
    }
    return {
        "message_bytes": len(signed),
        "html_bytes": len(filled.html.encode()),
        "text_bytes": len(filled.text.encode()),
        "signatures": [key.algorithm for key in bench.keys],
        **{name: round(statistics.median(values), 1) for name, values in samples.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ed25519", action="store_true", help="sign with a second key")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    bench = workbench(with_ed25519=arguments.ed25519)
    result = measure(bench, arguments.messages, arguments.rounds)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:18} {value}")


if __name__ == "__main__":
    main()
