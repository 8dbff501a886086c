/* What VoiceCarnival has of flite: speaks one text at a time and hands the sound to its host piece by piece, while the rest is still being made. */
#include <stdint.h>
#include <stdlib.h>
#include "flite.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("host"), import_name(name)))

cst_voice *register_cmu_us_slt(const char *voxdir);
cst_voice *register_cmu_us_rms(const char *voxdir);
cst_voice *register_cmu_us_awb(const char *voxdir);

/* A token of the text is spoken from here to there, in seconds; negative where it has no sound. It ends before that byte, or one earlier where a space follows. */
IMPORT("word") void host_word(int32_t text_end, float begin, float end);

/* The next samples, at 16 kHz. Anything but 0 ends it. */
IMPORT("sound") int32_t host_sound(const short *samples, int32_t count);

static cst_voice *voices[3];

EXPORT("load") void load(void)
{
    flite_init();
    voices[0] = register_cmu_us_slt(NULL);
    voices[1] = register_cmu_us_rms(NULL);
    voices[2] = register_cmu_us_awb(NULL);
}

EXPORT("allocate") void *allocate(int32_t bytes) { return malloc(bytes); }

EXPORT("release") void release(void *memory) { free(memory); }

static void tell_words(const cst_utterance *utterance)
{
    const cst_item *token, *word, *syllable, *part;
    for (token = relation_head(utt_relation((cst_utterance *)utterance, "Token")); token; token = item_next(token))
    {
        float begin = -1.0f, end = -1.0f;
        for (word = item_daughter(token); word; word = item_next(word))
        {
            for (syllable = item_daughter(item_as(word, "SylStructure")); syllable; syllable = item_next(syllable))
            {
                for (part = item_daughter(syllable); part; part = item_next(part))
                {
                    const cst_item *sound = item_as(part, "Segment");
                    if (begin < 0)
                        begin = item_prev(sound) ? item_feat_float(item_prev(sound), "end") : 0.0f;
                    end = item_feat_float(sound, "end");
                }
            }
        }

        host_word(item_feat_int(token, "file_pos"), begin, end);
    }
}

static int on_sound(const cst_wave *wave, int start, int size, int last, cst_audio_streaming_info *info)
{
    if (start == 0)
        tell_words(info->utt);
    /* The first piece is short, so that it is heard soon; the others need not be. */
    info->min_buffsize = (int)(intptr_t)info->userdata;
    return host_sound(&wave->samples[start], size) == 0 ? CST_AUDIO_STREAM_CONT : CST_AUDIO_STREAM_STOP;
}

/* Speaks a text of printable ASCII with one of the voices, slower by the stretch, in a first piece of so many samples and further ones. 0 when all of it was spoken. */
EXPORT("speak") int32_t speak(int32_t voice, const char *text, float stretch, int32_t first, int32_t further)
{
    cst_voice *speaker = voices[voice];
    cst_audio_streaming_info *info = new_audio_streaming_info();
    cst_utterance *utterance;
    srand(1); /* the same text gives the same sound */
    info->asc = on_sound;
    info->min_buffsize = first;
    info->userdata = (void *)(intptr_t)further;
    feat_set(speaker->features, "streaming_info", audio_streaming_info_val(info)); /* whose it is from now on */
    feat_set_float(speaker->features, "duration_stretch", stretch);
    utterance = flite_synth_text(text, speaker);
    if (!utterance)
        return 1;
    delete_utterance(utterance);
    return 0;
}
