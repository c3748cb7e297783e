# Trains the tokenizer of wan-tiny: a Unigram model of 512 pieces over captions of this project's own wording.
import itertools, json, random, sys
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers, Regex
random.seed(1)
subjects = "cat dog horse bird fish dancer child runner car train boat flower tree river ocean wave mountain city street market crowd clock mechanism lantern cloud rain snow forest canopy circle square triangle star ball cube pattern robot balloon butterfly".split()
colours = "red green blue yellow purple orange white black grey pink golden silver".split()
places = "on a chair|at sunset|on a track|with water droplets|at night with neon lights|through forest canopy|with many people|in formation|with refraction|on the beach|in the morning fog|under water|on a dark background|in a busy street|over the river|near a window|in the snow|across a bridge".split("|")
verbs = "sitting walking running racing performing flying moving turning growing falling rising spinning drifting jumping floating morphing swimming dancing".split()
ways = "slowly quickly smoothly gently to the left|to the right|upwards|downwards|in circles|towards the camera|away from the camera".replace(" ", "|", 3).split("|")
shots = "closeup wide shot|tracking shot|aerial view|low angle view|slow motion|cinematic lighting|intricate detail|abstract geometric shapes|a flock of birds|static, blurry, low quality, subtitles, messy background".replace(" ", "|", 1).split("|")
def caption():
    s = f"{random.choice(['A','Two','Three','Many','The','One'])} {random.choice(colours+['large','small','tiny',''])} {random.choice(subjects)}{random.choice(['','s'])} {random.choice(verbs)} {random.choice(places)}"
    if random.random() < .5: s += " " + random.choice(ways)
    if random.random() < .3: s += ", " + random.choice(shots)
    return " ".join(s.split()) + random.choice(["", "."])
corpus = [caption() for _ in range(20000)]
extra = [f"<extra_id_{i}>" for i in range(7, -1, -1)]
specials = ["<pad>", "</s>", "<s>", "<unk>"]
tok = Tokenizer(models.Unigram())
tok.normalizer = normalizers.Sequence([normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")])
tok.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
import string
tok.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=504, special_tokens=specials, unk_token="<unk>", initial_alphabet=list(string.ascii_letters + string.digits + ".,;:!?'\"()-/&%")))
tok.add_special_tokens(extra)
tok.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
tok.save(sys.argv[1])
print(tok.get_vocab_size(), tok.encode("A cat sitting on a chair").tokens)
