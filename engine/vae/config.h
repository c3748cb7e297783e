// What a checkpoint says of its VAE: vae/config.json in the diffusers layout (AutoencoderKLWan), or the tensors' own shapes where there is
// no such file (the official layout). One description for both architectures: Wan2.1 (is_residual false) and Wan2.2 (is_residual true:
// pixels patchified, parameter-free shortcuts around whole stages). Nothing else in this room knows which model it serves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wan::io {
class JsonValue;
}
namespace wan::checkpoint {
struct Source;
}

namespace wan::vae {

struct VaeConfig {
  std::int64_t base_dim = 96;                         // channels of the encoder's first stage
  std::int64_t decoder_base_dim = 96;                 // channels of the decoder's last stage; absent or null in the file: base_dim
  std::int64_t z_dim = 16;                            // latent channels
  std::vector<std::int64_t> dim_mult = {1, 2, 4, 4};  // one entry a stage, encoder order
  std::int64_t num_res_blocks = 2;                    // residual blocks of an encoder stage; a decoder stage has one more
  std::vector<bool> temporal_downsample = {false, true, true};  // one entry a resampling, encoder order
  bool is_residual = false;
  std::int64_t in_channels = 3;           // of the encoder, after patchifying
  std::int64_t out_channels = 3;          // of the decoder, before un-patchifying
  std::int64_t patch_size = 1;            // absent or null in the file: 1
  std::vector<double> latents_mean = {};  // [z_dim]; absent in the file: the released VAE's
  std::vector<double> latents_std = {};   // [z_dim]; likewise

  std::int64_t stages() const { return static_cast<std::int64_t>(dim_mult.size()); }
  std::int64_t spatial_factor() const;                    // pixels a latent position spans, in height and in width
  std::int64_t temporal_factor() const;                   // frames that every latent frame but the first stands for
  std::int64_t frames(std::int64_t latent_frames) const;  // 1 + (latent_frames - 1) * temporal_factor
};

// Throws UsageError naming the file and the field: a missing or misshapen field, or a value that describes no such VAE.
VaeConfig read_vae_config(const std::filesystem::path& path);
VaeConfig parse_vae_config(const io::JsonValue& json);
// The text of such a file.
std::string print_vae_config(const VaeConfig& config);

// Mean and deviation of the released VAE with this z_dim. Throws UsageError if there is none.
void set_released_statistics(VaeConfig& config, const std::string& place);

// From names and shapes in the official layout. The statistics of the latents are in no file: they are those of the released VAE with as
// many latent channels. Throws UsageError for tensors that are no Wan VAE.
VaeConfig infer_vae_config(const checkpoint::Source& source);

// Throws UsageError, beginning with `place`, if the values describe no Wan VAE.
void check_vae_config(const VaeConfig& config, const std::string& place);

}  // namespace wan::vae
