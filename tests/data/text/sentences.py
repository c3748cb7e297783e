"""Sample lines that make_clean_golden.py and make_tokenizer_golden.py run through the reference tools."""

PROMPTS = [
    "A red fox runs.", "A slow pan over a misty lake at dawn, cinematic, 35mm film", "two cats boxing on a spotlighted stage",
    "Close-up: rain drops on a window; neon lights blur behind (bokeh).", "a", "", " ", "\t\n ", "1987 and 42", "UPPER lower MiXeD",
    "Camera dollies in - 24fps, f/1.8, ISO 400, 5600K", "An astronaut's helmet reflects Earth", "tilt-shift city @ night #timelapse $5 100% ^_^ ~",
    "under_score-dash/slash\\back|pipe", "[brackets] {braces} <angles> (parens)", "x < y && y > z", "a</s>b <pad> c", "<extra_id_0> sentinel <extra_id_7>",
    "<s>bos</s>", "<unk> literal unk", "<extra_id_99> no such", "<pad><pad>", "</s></s>", " <extra_id_1> ", "text<extra_id_1>text", "<EXTRA_ID_1>",
    "< extra_id_1>", "▁ metaspace ▁▁", "▁leading", "trailing▁", "a▁b", "a ▁ b", "no  double   spaces    here", "tab\there", "line\nbreak\r\nwindows\rmac",
    "the quick brown fox jumps over the lazy dog " * 6, "word " * 120, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ",,,,,,;;;;;;!!!!!!......",
    "A sailing ship drifts away in a thunderstorm", "the camera climbs slowly over the forest, detailed film shot", "candlelight in the kitchen at night",
    "dancing shadows around the market stage", "the river under the old light, signs and clouds in the sky", "running in the desert, view of the beach, fog and waves",
]

LANGUAGES = {
    "german": ["Ein Fuchs läuft über die Straße", "Größe, Maß, Übermut und Ärger", "»Schöne Grüße« aus München"],
    "french": ["Un café à la crème, ça va être génial", "L’œuvre d’un élève naïf « très âgé »", "Où est passée la forêt ? À côté !"],
    "spanish": ["Una señorita baila, ¿qué más? ¡Olé!", "El niño comió jalapeños en mañana", "corazón, pingüino, árbol"],
    "portuguese": ["São Paulo à noite, coração e pão", "Às vezes a maçã não é doce", "AÇÃO E EMOÇÃO"],
    "italian": ["Perché la città è così bella?", "più caffè, però già", "È lunedì"],
    "polish": ["Zażółć gęślą jaźń", "Łódź płynie przez mgłę", "Święty Mikołaj"],
    "czech": ["Příliš žluťoučký kůň úpěl ďábelské ódy", "Žižka a Škoda", "čeština"],
    "turkish": ["Gökyüzünde bir uçak İstanbul'da", "ışık ve gölge, çığ", "Şehir ağaçları"],
    "danish": ["Åen løber gennem skoven, smørrebrød", "blåbær og æbler", "Ærø"],
    "hungarian": ["Árvíztűrő tükörfúrógép", "Őszi eső", "gyönyörű"],
    "russian": ["Рыжая лиса бежит по снегу", "Ёлка, подъезд и щука", "Море на рассвете"],
    "greek": ["Η αλεπού τρέχει στο δάσος", "Καλημέρα, κόσμε!", "θάλασσα"],
    "chinese": ["色调艳丽，过曝，静态，细节模糊不清，字幕", "一只猫在月光下跳舞。", "「镜头」缓慢推进、夜景——雨"],
    "japanese": ["桜の木の下で猫が眠る、春の朝。", "カメラがゆっくりパンする", "ﾊﾝｶｸｶﾀｶﾅとﾊﾟﾋﾟﾌﾟ"],
    "korean": ["고양이가 달빛 아래에서 춤을 춘다", "느린 카메라, 밤", "한글"],
    "arabic": ["قطة ترقص تحت ضوء القمر", "البحر عند الفجر", "مدينة"],
    "hebrew": ["חתול רוקד באור הירח", "שלום עולם", "ים"],
    "hindi": ["बिल्ली चाँदनी में नाचती है", "नमस्ते दुनिया", "सूर्यास्त"],
    "thai": ["แมวเต้นรำใต้แสงจันทร์", "ทะเลยามเช้า", "เมือง"],
    "vietnamese": ["Con mèo nhảy múa dưới ánh trăng", "Biển lúc bình minh, đẹp", "thành phố"],
    "emoji": ["dog 🐕🚀 rocket", "family 👨‍👩‍👧‍👦 and flag 🇫🇷 🏴󠁧󠁢󠁷󠁬󠁳󠁿", "heart ❤️ ☃ ✨👍🏽"],
}

SYMBOLS = [
    "half ½, ①②, 3㎞, Ⅳ, …", "5 × 3 ≠ 16 ± ½°", "£5, €6, ¥7 ¢8 ₿9", "™ ® © § ¶ † ‡ •", "x² + y³ = z¹ µm", "“quoted” ‘text’ it’s", "„low“ ‚single‘ ‛odd‟ «guillemets» ‹small›",
    "ʼn modifier ʼapostrophe", "ﬁne ﬂoor oﬃce aﬀair waﬄe ﬅ ﬆ", "ŉ Ǆ ǅ ǆ Ǉ ǈ ǉ Ǌ ǋ ǌ Ǳ ǲ ǳ Ĳ ĳ", "full，widthＡＢＣ　space！？", "￥１２３￦￡￠￢￣￤", "ＬＯＵＤ　ＮＯＩＳＥＳ",
    "ﾡﾢ half hangul ￪ arrows ￮", "cafe\u0301 fac\u0327ade nai\u0308ve", "schön vs scho\u0308n", "\u1e9b\u0323 \u212b \u2126", "q\u0307\u0323 order", "ﬀ\u0301",
    "zero\u200bwidth \u200djoin \u2060word \ufeffbom soft\u00adhyphen", "nbsp\u00a0here thin\u2009space ideographic\u3000space \u205f\u202f\u1680", "\u200e\u200fmarks\u202a\u202c",
    "line\u2028sep para\u2029sep next\u0085line", "bell\x07 null\x00 esc\x1b del\x7f unit\x1f vt\x0b ff\x0c", "\x1b[36;44mblue\x1b[0m text \x1b[2J", "\x1b[not an escape \x1b[12;",
    "deprecated\u206a\u206f format \ufff9a\ufffab\ufffb obj\ufffc", "replacement \ufffd char", "private \ue000 use \U0010fffd", "\U0001d54f math 𝒜𝓑", "Å Å ℃ ™ ㏒ ㌔",
    "½speed…", "dash – em — bar ― hyphen‐ ‑", "ellipsis... … ⋯", "arrows → ← ⇒", "music ♪♫♬ 𝄞", "box ─│┌┐└┘├┤█▓▒░", "braille ⠓⠑⠇⠇⠕", "kaomoji (╯°□°）╯︵ ┻━┻ ¯\\_(ツ)_/¯",
]

HTML = [
    "Tom &amp; Jerry &amp;amp; &lt;3", "&quot;x&quot; &apos;y&apos; &#39;z&#39;", "caf&eacute; &EACUTE;cole &Eacute;", "P&EACUTE;REZ BUNDESSTRA&SZLIG;E", "&NTILDE; &nTILDE; &HELLIP; &COPY;",
    "AT&T, R&D, Q&A", "this&not that &notit; &noti", "&copy 2024 &reg &amp &lt &gt", "&#169; &#xA9; &#XA9 &#xa9x &#169x", "&#0; &#128; &#150; &#x9f; &#13; &#10; &#9;",
    "&#55357;&#56320; &#xD83D; &#x110000; &#99999999999999999999;", "&#xFDD0; &#xFFFE; &#x1FFFF; &#11; &#1; &#127; &#129;", "&; &# &#x &#; &#x; &&amp; &&", "&nbsp;x&nbsp;&nbsp;y&ensp;z",
    "&lt;b&gt;bold&lt;/b&gt;", "<b>&amp;</b> &eacute;", "a &lt; b\nthen &amp;amp;", "x < y\n&amp;eacute; later &amp;", "&amp;lt;&amp;gt;", "&amp;amp;amp;lt;", "&Jscr;ohn &HilbertSpace;ancock &checkmark;",
    "&fjlig; &NotEqualTilde; &bne; &acE;", "&CounterClockwiseContourIntegral; &CounterClockwiseContourIntegralx;", "&hearts;&spades; &larr;&rarr;", "&half;&frac12;&FRAC12; &sup2; &SUP2;",
    "&ATILDE;&SUP3; &Atilde;&sup3;", "&acirc;&euro;&trade;", "&#195;&#169;", "&zwj;&zwnj;&lrm;&shy;", "&NewLine;&Tab;x", "&Tcaron &tcaron; &TCARON;", "&am p; &AMP; &AMP &Amp;", "&ampere; &lta; &gtb; &LTdot;",
]

INNOCENT = [
    "CAFÉ™ ALTITUDE 100°", "RÉSUMÉ® É… Ü’s", "»Spaß« und «à»", "Âge, Âme, ÊTRE", "naïve façade ½ café £5", "Ã is a letter", "São João, NÃO!", "The Å unit; Å is a word", "ÖÄÜ ÕÖ× Ø",
    "“é”", "l’été… à – —", "«Où ça ?»", "TÜV®", "señor¹ niño²", "±5° × 3²", "§ 5 ¶ 7", "ñ° Nº 5 1ª", "¡Ñandú!", "Ça? Ó’Brien", "º ª ¬ ¨", "Ð and Þ in Þingvellir", "Ýmir × Ðe",
    "Ž Š Œ š œ ž Ÿ", "Œuvre œuf cœur", "Ångström’s", "Ünïcödé", "voilà !", "à l’", "É", "Ã", "Â", "ß", "ÿ", "ÀÉÎÕÜ",
    "M. & Mme. “Œil”", "100 € à 200 €", "ÉCOLE – RÉOUVERTURE", "garçon • déjà vu", "Español: ¿Sí? ¡No!",
]
