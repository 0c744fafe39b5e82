"""The demo newsletter, written as a shop would write it."""

SUBJECT = "冬ブレンド「雪あかり」ができました｜11月のたより"
PREHEADER = "雪の季節だけの、深くまろやかな味わい。11月27日から発送します。"
HTML = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<title>冬ブレンド「雪あかり」ができました</title>
<style>
  body { margin: 0; background: #f4f1ea; color: #22303f; font-family: 'Hiragino Sans', 'BIZ UDPGothic', Meiryo, sans-serif; }
  .paper { max-width: 600px; margin: 0 auto; background: #ffffff; }
  .inner { padding: 32px 28px; font-size: 16px; line-height: 1.8; }
  h1 { font-size: 24px; line-height: 1.5; margin: 0 0 20px; }
  h2 { font-size: 18px; margin: 32px 0 8px; }
  .button { display: inline-block; padding: 12px 28px; border-radius: 6px; background: #1d4f80; color: #ffffff; text-decoration: none; }
  .note { color: #5b6673; font-size: 14px; }
  @media (max-width: 480px) { .inner { padding: 24px 18px; } }
</style>
</head>
<body>
<div class="paper">
<div class="inner">
<p class="note">つきのわ珈琲　11月のたより</p>
<h1>冬ブレンド「雪あかり」ができました</h1>
<p>{{ name|default("お客") }}様</p>
<p>朝の空気が冷たくなってきました。{{ prefecture|default("お住まいの街") }}はいかがですか。<br>
今年も、雪の季節だけのブレンド「雪あかり」を焼き始めました。深くまろやかで、ミルクにもよく合います。</p>
<p><a class="button" href="http://127.0.0.1:8000/robots.txt?coffee=yukiakari">雪あかりを見る</a></p>
<h2>ほかの3つの豆</h2>
<ul>
<li><a href="http://127.0.0.1:8000/robots.txt?coffee=komorebi">浅煎り「こもれび」</a>　明るい酸味と花の香り</li>
<li><a href="http://127.0.0.1:8000/robots.txt?coffee=iriai">中煎り「入相」</a>　毎日のための一杯</li>
<li><a href="http://127.0.0.1:8000/robots.txt?coffee=decaf">デカフェ「よなが」</a>　夜にもどうぞ</li>
</ul>
<h2>年末の発送について</h2>
<p>12月26日（土）までのご注文は、年内にお届けします。</p>
<p class="note">このメールにそのまま返信すると、店の者が読みます。</p>
</div>
</div>
</body>
</html>
"""
