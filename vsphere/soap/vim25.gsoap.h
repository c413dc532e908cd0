// The part of the vim25 API that ballast uses, as a gSOAP interface file: input of soapcpp2, never
// included. Text stays text (`char *`, null when absent): decode.cc judges numbers itself, because
// gSOAP rejects a whole message for one figure that is out of range.

//gsoap vim25 schema namespace: urn:vim25
//gsoap vim25 schema elementForm: qualified
//gsoap vim25 schema attributeForm: unqualified

// Pages of properties are read otherwise, see property_page.h.

class vim25__ManagedObjectReference {
 public:
  @char *type;
  char *__item;
};

// ---- Faults. One class stands for all of them: it keeps the name of the real one (xsi:type) and
// the members that help the user.

class vim25__LocalizableMessage {
 public:
  char *message;
};

class vim25__MethodFault {
 public:
  @char *xsi__type;
  std::vector<vim25__LocalizableMessage *> faultMessage;
  vim25__ManagedObjectReference *object;  // NoPermission
  char *privilegeId;                      // NoPermission
  vim25__ManagedObjectReference *obj;     // ManagedObjectNotFound
  char *invalidProperty;                  // InvalidArgument
  char *name;                             // InvalidProperty
  char *existingState;                    // InvalidPowerState
  char *file;                             // FileFault and its kinds
  char *reason;                           // SystemError
};

// ---- Session

class vim25__AboutInfo {
 public:
  char *fullName;
  char *apiVersion;
  char *instanceUuid;
};

class vim25__ServiceContent {
 public:
  vim25__ManagedObjectReference *rootFolder;
  vim25__ManagedObjectReference *propertyCollector;
  vim25__ManagedObjectReference *viewManager;
  vim25__AboutInfo *about;
  vim25__ManagedObjectReference *setting;
  vim25__ManagedObjectReference *sessionManager;
  vim25__ManagedObjectReference *authorizationManager;
  vim25__ManagedObjectReference *perfManager;
  vim25__ManagedObjectReference *guestOperationsManager;
};

class vim25__UserSession {
 public:
  char *key;
  char *userName;
};

class _vim25__RetrieveServiceContent {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
};
class _vim25__RetrieveServiceContentResponse {
 public:
  vim25__ServiceContent *returnval;
};
class _vim25__Login {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  char *userName;
  char *password;
};
// Also of LoginByToken.
class _vim25__LoginResponse {
 public:
  vim25__UserSession *returnval;
};
class _vim25__Logout {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
};
class _vim25__CurrentTime {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
};
// Responses of one text: times, paths, process ids.
class _vim25__CurrentTimeResponse {
 public:
  char *returnval;
};

// ---- Privileges

class vim25__PrivilegeAvailability {
 public:
  char *privId;
  char *isGranted;
};
class vim25__EntityPrivilege {
 public:
  vim25__ManagedObjectReference *entity;
  std::vector<vim25__PrivilegeAvailability *> privAvailability;
};
class _vim25__HasPrivilegeOnEntities {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *entity;
  char *sessionId;
  std::vector<char *> privId;
};
class _vim25__HasPrivilegeOnEntitiesResponse {
 public:
  std::vector<vim25__EntityPrivilege *> returnval;
};

// ---- Views and properties

class _vim25__CreateContainerView {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *container;
  std::vector<char *> type;
  bool recursive;
};
class _vim25__CreateContainerViewResponse {
 public:
  vim25__ManagedObjectReference *returnval;
};
class _vim25__DestroyView {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
};

class vim25__SelectionSpec {
 public:
  char *name;
};
class vim25__TraversalSpec : public vim25__SelectionSpec {
 public:
  char *type;
  char *path;
  bool skip;
  std::vector<vim25__SelectionSpec *> selectSet;
};
class vim25__PropertySpec {
 public:
  char *type;
  std::vector<char *> pathSet;
};
class vim25__ObjectSpec {
 public:
  vim25__ManagedObjectReference *obj;
  bool skip;
  std::vector<vim25__SelectionSpec *> selectSet;
};
class vim25__PropertyFilterSpec {
 public:
  std::vector<vim25__PropertySpec *> propSet;
  std::vector<vim25__ObjectSpec *> objectSet;
};
class vim25__RetrieveOptions {
 public:
  int *maxObjects;
};
class _vim25__RetrievePropertiesEx {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__PropertyFilterSpec *specSet;
  vim25__RetrieveOptions *options;
};
class _vim25__ContinueRetrievePropertiesEx {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  char *token;
};
class _vim25__CancelRetrievePropertiesEx {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  char *token;
};


// ---- Settings and performance counters

class vim25__OptionValue {
 public:
  char *key;
  char *value;  // of any simple type
};
class _vim25__QueryOptions {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  char *name;
};
class _vim25__QueryOptionsResponse {
 public:
  std::vector<vim25__OptionValue *> returnval;
};

class vim25__PerfMetricId {
 public:
  char *counterId;
  char *instance;
};
class vim25__PerfQuerySpec {
 public:
  vim25__ManagedObjectReference *entity;
  char *startTime;
  int maxSample;
  std::vector<vim25__PerfMetricId *> metricId;
  int intervalId;
  char *format;
};
class _vim25__QueryPerf {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  std::vector<vim25__PerfQuerySpec *> querySpec;
};

// What comes back for format csv.
class vim25__PerfMetricSeriesCSV {
 public:
  vim25__PerfMetricId *id;
  char *value;
};
class vim25__PerfEntityMetricCSV {
 public:
  vim25__ManagedObjectReference *entity;
  char *sampleInfoCSV;
  std::vector<vim25__PerfMetricSeriesCSV *> value;
};
class _vim25__QueryPerfResponse {
 public:
  std::vector<vim25__PerfEntityMetricCSV *> returnval;
};

// ---- Guest operations

class vim25__GuestAuthentication {
 public:
  bool interactiveSession;
};
class vim25__NamePasswordAuthentication : public vim25__GuestAuthentication {
 public:
  char *username;
  char *password;
};
class vim25__GuestProgramSpec {
 public:
  char *programPath;
  char *arguments;
  char *workingDirectory;
  std::vector<char *> envVariables;
};
class vim25__GuestProcessInfo {
 public:
  char *pid;
  char *endTime;
  char *exitCode;
};
class vim25__FileTransferInformation {
 public:
  char *size;
  char *url;
};

class _vim25__CreateTemporaryFileInGuest {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *vm;
  vim25__GuestAuthentication *auth;
  char *prefix;
  char *suffix;
};
class _vim25__StartProgramInGuest {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *vm;
  vim25__GuestAuthentication *auth;
  vim25__GuestProgramSpec *spec;
};
class _vim25__ListProcessesInGuest {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *vm;
  vim25__GuestAuthentication *auth;
  LONG64 pids;
};
class _vim25__ListProcessesInGuestResponse {
 public:
  std::vector<vim25__GuestProcessInfo *> returnval;
};
class _vim25__TerminateProcessInGuest {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *vm;
  vim25__GuestAuthentication *auth;
  LONG64 pid;
};
class _vim25__InitiateFileTransferFromGuest {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *vm;
  vim25__GuestAuthentication *auth;
  char *guestFilePath;
};
class _vim25__InitiateFileTransferFromGuestResponse {
 public:
  vim25__FileTransferInformation *returnval;
};
class _vim25__DeleteFileInGuest {
 public:
  vim25__ManagedObjectReference *_USCOREthis;
  vim25__ManagedObjectReference *vm;
  vim25__GuestAuthentication *auth;
  char *filePath;
};

// ---- vimServiceVersions.xml, which has no namespace.

class PriorVersions {
 public:
  std::vector<char *> version;
};
class ServiceNamespace {
 public:
  char *name;
  char *version;
  PriorVersions *priorVersions;
};
class ServiceVersions {
 public:
  std::vector<ServiceNamespace *> namespace_;  // the underscore is not part of the XML name
};
