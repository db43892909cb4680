// Ann index writer: announces the sections stage by stage, then copies them to their places.
#include "index/ann_index_writer.h"

#include <string.h>

#include "index/ann_index_layout.h"

namespace elanus {
namespace {

class Writing {
 public:
  Writing(const AnnIndexParts &parts, IndexKind kind, const Calibration &calibration)
      : parts_(parts), kind_(kind), calibration_(calibration), lists_(parts.lists->sections()), file_(subject()) {}

  bool announce() {
    const uint64_t count = parts_.lists->row_count(), plane = count * (quantizer().padded_dim() / 8);
    if (!file_.add(SectionKind::kParameters, parameters_bytes(quantizer().padded_dim()))) return false;
    if (calibration_.size_bytes > 0 && !file_.add(SectionKind::kCalibration, calibration_.size_bytes)) return false;
    const bool added = file_.add(SectionKind::kCentres, centres() * code7_bytes(quantizer().padded_dim())) &&
                       file_.add(SectionKind::kListCentres, lists_.centres_bytes) &&
                       file_.add(SectionKind::kListOffsets, lists_.begins_bytes) &&
                       file_.add(SectionKind::kIvfBlocks, lists_.blocks_bytes) &&
                       file_.add(SectionKind::kSignPlane, plane) && file_.add(SectionKind::kExtraPlane, 3 * plane) &&
                       file_.add(SectionKind::kFactors, count * sizeof(Factors));
    if (!added || kind_ != IndexKind::kGraph) return added;
    return file_.add(SectionKind::kGraphNeighbours, parts_.graph->bytes()) &&
           file_.add(SectionKind::kEntryPoints, centres() * sizeof(uint32_t));
  }

  Array<uint8_t> write() {
    if (!file_.allocate()) return {};
    const size_t plane = size_t(parts_.lists->row_count()) * (quantizer().padded_dim() / 8);
    write_parameters();
    if (calibration_.size_bytes > 0) put(SectionKind::kCalibration, calibration_.bytes, calibration_.size_bytes);
    put(SectionKind::kCentres, quantizer().centres().rows().records, centres() * code7_bytes(quantizer().padded_dim()));
    put(SectionKind::kListCentres, lists_.centres, lists_.centres_bytes);
    put(SectionKind::kListOffsets, lists_.begins, lists_.begins_bytes);
    put(SectionKind::kIvfBlocks, lists_.blocks, lists_.blocks_bytes);
    put(SectionKind::kSignPlane, parts_.signs, plane);
    put(SectionKind::kExtraPlane, parts_.extra, 3 * plane);
    put(SectionKind::kFactors, parts_.factors, size_t(parts_.lists->row_count()) * sizeof(Factors));
    if (kind_ == IndexKind::kGraph) {
      put(SectionKind::kGraphNeighbours, parts_.graph->data(), parts_.graph->bytes());
      put(SectionKind::kEntryPoints, parts_.entries, centres() * sizeof(uint32_t));
    }
    return file_.finish();
  }

 private:
  const Quantizer &quantizer() const { return *parts_.quantizer; }
  size_t centres() const { return quantizer().centres().count(); }
  void put(SectionKind kind, const void *from, size_t size_bytes) { memcpy(file_.section(kind), from, size_bytes); }

  IndexFileSubject subject() const {
    IndexFileSubject subject = {kind_, quantizer().dim(), quantizer().padded_dim(), quantizer().metric(),
                                parts_.element_type, parts_.lists->row_count(), 0, quantizer().seed(), {}};
    memcpy(subject.rows_sha256, parts_.rows_sha256, sizeof(subject.rows_sha256));
    return subject;
  }

  void write_parameters() {
    const AnnParameters parameters = {uint32_t(centres()), 0};
    uint8_t *at = file_.section(SectionKind::kParameters);
    memcpy(at, &parameters, sizeof(parameters));
    memcpy(at + sizeof(parameters), quantizer().mean(), quantizer().padded_dim() * sizeof(float));
  }

  const AnnIndexParts &parts_;
  const IndexKind kind_;
  const Calibration calibration_;
  const Ivf::Sections lists_;
  IndexFileWriter file_;
};

}  // namespace

Array<uint8_t> write_ann_index(const AnnIndexParts &parts, IndexKind kind, const Calibration &calibration) {
  Writing writing(parts, kind, calibration);
  return writing.announce() ? writing.write() : Array<uint8_t>();
}

}  // namespace elanus
